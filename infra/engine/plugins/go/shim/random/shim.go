// Package shim hands out the Random provider, which upstream keeps under internal/. Go lets a module import another's
// internal packages when its path continues the other's; that is the only reason for this module.
package shim

import (
	framework "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/terraform-providers/terraform-provider-random/internal/provider"
)

// New returns the upstream Terraform provider for random values.
func New() framework.Provider { return provider.New() }
