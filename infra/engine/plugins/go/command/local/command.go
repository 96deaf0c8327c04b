// Package local runs commands on the machine that the engine runs on.
package local

import (
	"context"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"odoo-stacks/plugins/command/process"
)

// Place says how and where a command runs.
type Place struct {
	// Interpreter is the program that gets the command as its last argument; /bin/sh -c by default.
	Interpreter []string `pulumi:"interpreter,optional"`
	// Dir is the folder it runs in; the project's by default.
	Dir *string `pulumi:"dir,optional"`
	// AssetPaths and ArchivePaths are refused: they are here to say so.
	AssetPaths   []string `pulumi:"assetPaths,optional"`
	ArchivePaths []string `pulumi:"archivePaths,optional"`
}

// refused lists the inputs that this plugin does not serve.
func (in *Place) refused() []p.CheckFailure {
	failures := []p.CheckFailure{}
	const reason = "this plugin collects no files; write them where they are needed, or install Pulumi's own command plugin"
	if in.AssetPaths != nil {
		failures = append(failures, p.CheckFailure{Property: "assetPaths", Reason: reason})
	}
	if in.ArchivePaths != nil {
		failures = append(failures, p.CheckFailure{Property: "archivePaths", Reason: reason})
	}
	return failures
}

// CommandArgs are the inputs of a Command.
type CommandArgs struct {
	process.Inputs
	Place
}

// CommandState is what is kept of a Command.
type CommandState struct {
	CommandArgs
	process.Outputs
}

// Command is a resource that runs commands as it is created, updated and deleted.
type Command struct{}

// Check validates the inputs.
func (*Command) Check(ctx context.Context, req infer.CheckRequest) (infer.CheckResponse[CommandArgs], error) {
	inputs, failures, err := infer.DefaultCheck[CommandArgs](ctx, req.NewInputs)
	failures = append(failures, inputs.refused()...)
	return infer.CheckResponse[CommandArgs]{Inputs: inputs, Failures: failures}, err
}

// Create runs the command `create`.
func (*Command) Create(
	ctx context.Context, req infer.CreateRequest[CommandArgs],
) (infer.CreateResponse[CommandState], error) {
	state := CommandState{CommandArgs: req.Inputs}
	id, err := resource.NewUniqueHex(req.Name, 8, 0)
	if err == nil && !req.DryRun && req.Inputs.Create != nil {
		state.Outputs, err = run(ctx, *req.Inputs.Create, state)
	}
	return infer.CreateResponse[CommandState]{ID: id, Output: state}, err
}

// Update runs the command `update`, or `create` where there is none.
func (*Command) Update(
	ctx context.Context, req infer.UpdateRequest[CommandArgs, CommandState],
) (infer.UpdateResponse[CommandState], error) {
	state := CommandState{CommandArgs: req.Inputs, Outputs: req.State.Outputs}
	var err error
	if command := req.Inputs.OnUpdate(); command != nil && !req.DryRun {
		state.Outputs, err = run(ctx, *command, state)
	}
	return infer.UpdateResponse[CommandState]{Output: state}, err
}

// Delete runs the command `delete`.
func (*Command) Delete(ctx context.Context, req infer.DeleteRequest[CommandState]) (infer.DeleteResponse, error) {
	var err error
	if req.State.Delete != nil {
		_, err = run(ctx, *req.State.Delete, req.State)
	}
	return infer.DeleteResponse{}, err
}
