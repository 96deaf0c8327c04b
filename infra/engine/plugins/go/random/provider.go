// Package random says how the Terraform provider for random values looks as a Pulumi package.
package random

import (
	"context"
	_ "embed"
	"errors"

	framework "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/terraform-providers/terraform-provider-random/shim"
)

// Schema is the package's Pulumi schema, made by the command schemas.
//
//go:embed schema.json
var Schema []byte

// Version of the package @pulumi/random whose types this plugin serves.
const Version = "4.21.2"

// Provider describes the package: random_x becomes random:index/randomX:RandomX.
func Provider() tfbridge.ProviderInfo {
	standard := tokens.MakeStandard("random")
	info := tfbridge.ProviderInfo{
		P:            framework.ShimProvider(shim.New()),
		Name:         "random",
		Version:      Version,
		MetadataInfo: tfbridge.NewProviderMetadata([]byte("{}")),
		Resources: map[string]*tfbridge.ResourceInfo{
			"random_bytes": {ComputeID: bytesID},
		},
	}
	info.MustComputeTokens(tokens.SingleModule("random_", "index", func(module, name string) (string, error) {
		return standard(module, "Random"+name)
	}))
	return info
}

// bytesID names random bytes by their base64 form, because upstream gives them no ID of their own.
func bytesID(_ context.Context, state resource.PropertyMap) (resource.ID, error) {
	value := state["base64"]
	if value.IsSecret() {
		value = value.SecretValue().Element
	}
	if !value.IsString() {
		return "", errors.New("random bytes came back without their base64 form")
	}
	return resource.ID(value.StringValue()), nil
}
