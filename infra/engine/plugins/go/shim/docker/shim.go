// Package shim hands out the Docker provider, which upstream keeps under internal/. Go lets a module import another's
// internal packages when its path continues the other's; that is the only reason for this module.
package shim

import (
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/terraform-providers/terraform-provider-docker/internal/provider"
)

// New returns the upstream Terraform provider for Docker.
func New(version string) *schema.Provider { return provider.New(version)() }
