// Command schemas writes the Pulumi schemas that the plugins embed. To be run in this module after a version of a provider
// changed, and the result formatted with the rest of the repository:
//
//	CGO_ENABLED=0 go run -trimpath -tags no_compose ./schemas && npx prettier --write .
//
// They let the engine check the types of a program's inputs, and a test compares them with the npm packages. They carry no
// descriptions, because those are read in the npm packages.
package main

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"os"

	framework "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfgen"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfgen"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"

	"odoo-stacks/plugins/docker"
	"odoo-stacks/plugins/random"
)

func main() {
	sink := diag.DefaultSink(io.Discard, os.Stderr, diag.FormatOptions{Color: "never"})
	spec, err := tfgen.GenerateSchemaWithOptions(tfgen.GenerateSchemaOptions{
		ProviderInfo: docker.Provider(), DiagnosticsSink: sink, XInMemoryDocs: true,
	})
	fail(err)
	write("docker/schema.json", spec.PackageSpec)

	meta, err := framework.GenerateSchema(context.Background(), framework.GenerateSchemaOptions{
		ProviderInfo: random.Provider(), DiagnosticsSink: sink, XInMemoryDocs: true,
	})
	fail(err)
	write("random/schema.json", json.RawMessage(meta.ProviderMetadata.PackageSchema))
}

// write stores a schema as JSON with sorted keys and without prose.
func write(file string, schema any) {
	encoded, err := json.Marshal(schema)
	fail(err)
	var tree any
	fail(json.Unmarshal(encoded, &tree))
	out, err := json.MarshalIndent(withoutProse(tree), "", " ")
	fail(err)
	fail(os.WriteFile(file, append(out, '\n'), 0o644))
}

// withoutProse drops the descriptions of a schema; a property that is called "description" is an object and stays.
func withoutProse(node any) any {
	switch value := node.(type) {
	case map[string]any:
		for key, child := range value {
			if _, text := child.(string); text && (key == "description" || key == "deprecationMessage") {
				delete(value, key)
				continue
			}
			value[key] = withoutProse(child)
		}
	case []any:
		for i, child := range value {
			value[i] = withoutProse(child)
		}
	}
	return node
}

func fail(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
