// Command random is the resource plugin `random`: the upstream Terraform provider for random values behind Pulumi's bridge,
// under the resource types and property names that the package @pulumi/random declares.
package main

import (
	"context"
	_ "embed"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"

	"odoo-stacks/plugins/random/bridge"
)

//go:embed schema.json
var schema []byte

func main() {
	info := bridge.Provider()
	tfbridge.Main(context.Background(), info.Name, info, tfbridge.ProviderMetadata{PackageSchema: schema})
}
