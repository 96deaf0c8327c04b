// Command command is the resource plugin `command`: local and remote commands in the life cycle of a stack, under the
// resource types and property names that the package @pulumi/command declares and with the same behaviour. It refuses
// `assetPaths` and `archivePaths`, and it ends all that a command started when the engine cancels, not the shell alone.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"odoo-stacks/plugins/command/local"
	"odoo-stacks/plugins/command/remote"
)

// Version of the package @pulumi/command whose types this plugin serves.
const version = "1.2.1"

func main() {
	provider := infer.Provider(infer.Options{
		Resources: []infer.InferredResource{
			infer.Resource(&local.Command{}),
			infer.Resource(&remote.Command{}),
			infer.Resource(&remote.CopyToRemote{}),
		},
		Functions: []infer.InferredFunction{infer.Function(&local.Run{})},
		// The package has no module for what both kinds of command share.
		ModuleMap: map[tokens.ModuleName]tokens.ModuleName{"process": "local"},
	})
	if err := provider.Run(context.Background(), "command", version); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
