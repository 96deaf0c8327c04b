package local

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"

	"odoo-stacks/plugins/command/process"
)

// How long a command may take to end by itself after the engine cancelled.
const grace = 10 * time.Second

// run runs a command in the environment of a state and returns what it wrote.
func run(ctx context.Context, command string, state CommandState) (process.Outputs, error) {
	argv := []string{"/bin/sh", "-c"}
	if len(state.Interpreter) > 0 {
		argv = append([]string{}, state.Interpreter...)
	}
	argv = append(argv, command)

	capture := process.NewCapture(ctx, state.Logging)
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Stdout, cmd.Stderr = capture.Stdout(), capture.Stderr()
	cmd.Env = os.Environ()
	for _, env := range []map[string]string{state.Environment, state.Previous(state.Outputs)} {
		for name, value := range env {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	if state.Stdin != nil {
		cmd.Stdin = strings.NewReader(*state.Stdin)
	}
	if state.Dir != nil {
		cmd.Dir = *state.Dir
	}
	// A process group of its own, so that all it started can be ended together; and it does not outlive this process.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	dieWithParent(cmd.SysProcAttr)
	signalGroup := func(signal syscall.Signal) error { return syscall.Kill(-cmd.Process.Pid, signal) }
	var last *time.Timer
	cmd.Cancel = func() error {
		last = time.AfterFunc(grace, func() { _ = signalGroup(syscall.SIGKILL) })
		return signalGroup(syscall.SIGTERM)
	}

	// "Parent" is a thread for Linux, so this one must live as long as the command.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := cmd.Run()
	if last != nil {
		last.Stop()
		_ = signalGroup(syscall.SIGKILL)
		err = errors.Join(ctx.Err(), err)
	}
	return capture.Finish(command, err)
}
