// Command docker is the resource plugin `docker`: the upstream Terraform provider for Docker behind Pulumi's bridge, under
// the resource types, property names and defaults that the package @pulumi/docker declares.
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"

	"odoo-stacks/plugins/docker/bridge"
)

//go:embed schema.json
var schema []byte

func main() {
	info := bridge.Provider()
	tfbridge.Main(info.Name, info.Version, info, schema)
}
