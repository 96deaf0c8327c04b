// Package docker says how the Terraform provider for Docker looks as a Pulumi package.
package docker

import (
	_ "embed"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	sdkv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/terraform-providers/terraform-provider-docker/shim"
)

// Schema is the package's Pulumi schema, made by the command schemas.
//
//go:embed schema.json
var Schema []byte

// Version of the package @pulumi/docker whose types this plugin serves.
const Version = "5.2.0"

// The longest name Docker's own objects are given here, as in the official plugin.
const maxNameLength = 255

// Provider describes the package: every type follows its Terraform name but for two that Pulumi renamed.
func Provider() tfbridge.ProviderInfo {
	standard := tokens.MakeStandard("docker")
	info := tfbridge.ProviderInfo{
		P:            sdkv2.NewProvider(shim.New(Version)),
		Name:         "docker",
		Version:      Version,
		MetadataInfo: tfbridge.NewProviderMetadata([]byte("{}")),
		Config: map[string]*tfbridge.SchemaInfo{
			"host": {Default: &tfbridge.DefaultInfo{
				Value:   "unix:///var/run/docker.sock",
				EnvVars: []string{"DOCKER_HOST"},
			}},
			"registry_auth": {Name: "registryAuth", MaxItemsOne: tfbridge.False()},
		},
		Resources: map[string]*tfbridge.ResourceInfo{
			"docker_container": {
				// A name and a published port can't be had twice, so the old container goes first unless told otherwise.
				DeleteBeforeReplace: true,
				// Lists whose names the package does not put in the plural.
				Fields: map[string]*tfbridge.SchemaInfo{
					"command":           {Name: "command"},
					"networks_advanced": {Name: "networksAdvanced"},
				},
			},
			"docker_image": {Fields: map[string]*tfbridge.SchemaInfo{"name": {Name: "name"}}},
		},
	}
	info.MustComputeTokens(tokens.SingleModule("docker_", "index", func(module, name string) (string, error) {
		switch name {
		case "Config":
			name = "ServiceConfig"
		case "Image":
			name = "RemoteImage"
		case "getImage":
			name = "getRemoteImage"
		}
		return standard(module, name)
	}))
	info.SetAutonaming(maxNameLength, "-")
	return info
}
