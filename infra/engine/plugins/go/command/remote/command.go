package remote

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"golang.org/x/crypto/ssh"

	"odoo-stacks/plugins/command/process"
)

// How long a command may take to end by itself after the engine cancelled.
const grace = 10 * time.Second

// CommandArgs are the inputs of a Command.
type CommandArgs struct {
	process.Inputs
	Connection *Connection `pulumi:"connection" provider:"secret"`
}

// CommandState is what is kept of a Command.
type CommandState struct {
	CommandArgs
	process.Outputs
}

// Command is a resource that runs commands on another machine as it is created, updated and deleted.
type Command struct{}

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

// run runs a command in the environment of a state and returns what it wrote.
func run(ctx context.Context, command string, state CommandState) (process.Outputs, error) {
	client, err := state.Connection.Dial(ctx)
	if err != nil {
		return process.Outputs{}, err
	}
	defer client.Close()
	session, err := client.NewSession()
	if err != nil {
		return process.Outputs{}, err
	}
	defer session.Close()
	if err := setEnvironment(ctx, session, state); err != nil {
		return process.Outputs{}, err
	}
	if state.Stdin != nil {
		session.Stdin = strings.NewReader(*state.Stdin)
	}
	capture := process.NewCapture(ctx, state.Logging)
	session.Stdout, session.Stderr = capture.Stdout(), capture.Stderr()
	// OpenSSH passes no signal on to what root runs: that goes on over there when the connection is closed.
	stop := context.AfterFunc(ctx, func() {
		_ = session.Signal(ssh.SIGTERM)
		time.AfterFunc(grace, func() { _ = client.Close() })
	})
	err = session.Run(command)
	if !stop() {
		err = errors.Join(ctx.Err(), err)
	}
	return capture.Finish(command, err)
}

// setEnvironment sends variables, which the server must be configured to accept (AcceptEnv).
func setEnvironment(ctx context.Context, session *ssh.Session, state CommandState) error {
	const hint = "the SSH server did not accept the variable %q: name it in AcceptEnv there, or set it in the command"
	for name, value := range state.Environment {
		if err := session.Setenv(name, value); err != nil {
			return fmt.Errorf(hint+": %w", name, err)
		}
	}
	for name, value := range state.Previous(state.Outputs) {
		// Nobody asked for these in particular, so that a server without them is no failure.
		if err := session.Setenv(name, value); err != nil {
			p.GetLogger(ctx).Warningf(hint, name)
		}
	}
	return nil
}
