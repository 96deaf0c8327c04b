// Command bridged is two resource plugins in one executable, which of them is said by the name it is called by:
// `pulumi-resource-docker` or `pulumi-resource-random`. They share nearly all of their code, so that one executable takes
// half of the time to build and half of the disk. Each is the upstream Terraform provider behind Pulumi's bridge, under
// the resource types, property names and defaults that the npm package of that name declares.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	framework "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"

	"odoo-stacks/plugins/docker"
	"odoo-stacks/plugins/random"
)

func main() {
	switch name := filepath.Base(os.Args[0]); name {
	case "pulumi-resource-docker":
		tfbridge.Main("docker", docker.Version, docker.Provider(), docker.Schema)
	case "pulumi-resource-random":
		meta := framework.ProviderMetadata{PackageSchema: random.Schema}
		framework.Main(context.Background(), "random", random.Provider(), meta)
	default:
		fmt.Fprintf(os.Stderr, "called as %q; expected pulumi-resource-docker or pulumi-resource-random\n", name)
		os.Exit(1)
	}
}
