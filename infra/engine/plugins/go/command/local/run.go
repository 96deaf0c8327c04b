package local

import (
	"context"

	"github.com/pulumi/pulumi-go-provider/infer"

	"odoo-stacks/plugins/command/process"
)

// RunArgs are the inputs of Run.
type RunArgs struct {
	Place
	Command                string            `pulumi:"command"`
	Stdin                  *string           `pulumi:"stdin,optional"`
	Logging                *process.Logging  `pulumi:"logging,optional"`
	Environment            map[string]string `pulumi:"environment,optional"`
	AddPreviousOutputInEnv *bool             `pulumi:"addPreviousOutputInEnv,optional"`
}

// RunResult is what Run returns.
type RunResult struct {
	RunArgs
	process.Outputs
}

// Run is a function that runs a command each time the program runs, in previews too.
type Run struct{}

// Invoke runs the command.
func (*Run) Invoke(ctx context.Context, req infer.FunctionRequest[RunArgs]) (infer.FunctionResponse[RunResult], error) {
	in := req.Input
	result := RunResult{RunArgs: in}
	if failures := in.refused(); len(failures) > 0 {
		return infer.FunctionResponse[RunResult]{Output: result},
			infer.ProviderErrorf("%s: %s", failures[0].Property, failures[0].Reason)
	}
	var err error
	result.Outputs, err = run(ctx, in.Command, CommandState{CommandArgs: CommandArgs{
		Inputs: process.Inputs{Stdin: in.Stdin, Logging: in.Logging, Environment: in.Environment},
		Place:  in.Place,
	}})
	return infer.FunctionResponse[RunResult]{Output: result}, err
}
