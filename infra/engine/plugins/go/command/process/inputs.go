// Package process holds what local and remote commands have in common: their inputs, their outputs and how the lines that
// they write reach the engine.
package process

import "github.com/pulumi/pulumi-go-provider/infer"

// Inputs of a command that is part of a resource's life.
type Inputs struct {
	// Triggers replace the resource when one of them changes.
	Triggers *[]any `pulumi:"triggers,optional" provider:"replaceOnChanges"`
	// Create runs when the resource is created, and on each change where there is no Update.
	Create *string `pulumi:"create,optional"`
	// Update runs when an input changed.
	Update *string `pulumi:"update,optional"`
	// Delete runs when the resource goes.
	Delete *string `pulumi:"delete,optional"`
	// Stdin is what the command reads.
	Stdin *string `pulumi:"stdin,optional"`
	// Logging says which of the command's output is shown while it runs; both streams by default.
	Logging *Logging `pulumi:"logging,optional"`
	// Environment is added to the environment of the command.
	Environment map[string]string `pulumi:"environment,optional"`
	// AddPreviousOutputInEnv hands the output of the run before to the next one, as two environment variables.
	AddPreviousOutputInEnv *bool `pulumi:"addPreviousOutputInEnv,optional"`
}

// Annotate says the defaults.
func (in *Inputs) Annotate(a infer.Annotator) { a.SetDefault(&in.AddPreviousOutputInEnv, true) }

// OnUpdate is the command for a change: Update, or Create where there is none; nil where there is neither.
func (in *Inputs) OnUpdate() *string {
	if in.Update != nil {
		return in.Update
	}
	return in.Create
}

// Previous is the environment that carries the output of the run before.
func (in *Inputs) Previous(out Outputs) map[string]string {
	env := map[string]string{}
	if in.AddPreviousOutputInEnv != nil && !*in.AddPreviousOutputInEnv {
		return env
	}
	if out.Stdout != "" {
		env["PULUMI_COMMAND_STDOUT"] = out.Stdout
	}
	if out.Stderr != "" {
		env["PULUMI_COMMAND_STDERR"] = out.Stderr
	}
	return env
}

// Outputs of a command: what it wrote, without a newline at the end.
type Outputs struct {
	Stdout string `pulumi:"stdout"`
	Stderr string `pulumi:"stderr"`
}

// Logging says which streams are shown while a command runs.
type Logging string

// Values lists what Logging may be.
func (Logging) Values() []infer.EnumValue[Logging] {
	values := []infer.EnumValue[Logging]{}
	for _, value := range []Logging{"stdout", "stderr", "stdoutAndStderr", "none"} {
		values = append(values, infer.EnumValue[Logging]{Name: string(value), Value: value})
	}
	return values
}

func (l *Logging) shows(stream Logging) bool {
	return l == nil || *l == "stdoutAndStderr" || *l == stream
}
