package process

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	p "github.com/pulumi/pulumi-go-provider"
)

// Capture collects what a command writes and passes it on to the engine line by line.
type Capture struct {
	mu     sync.Mutex
	log    func(line string)
	stdout stream
	stderr stream
	// Both streams in the order in which they came: what an error shows.
	all bytes.Buffer
}

// stream is one of a command's two outputs.
type stream struct {
	capture *Capture
	text    bytes.Buffer
	// shown is how much of the text has been logged; the rest is a line that has not ended yet.
	shown  int
	logged bool
}

// NewCapture makes one whose lines go to the engine's log of the resource that ctx is about, as status messages: shown
// while the command runs, not kept.
func NewCapture(ctx context.Context, logging *Logging) *Capture {
	c := &Capture{log: p.GetLogger(ctx).InfoStatus}
	c.stdout = stream{capture: c, logged: logging.shows("stdout")}
	c.stderr = stream{capture: c, logged: logging.shows("stderr")}
	return c
}

// Stdout is where the command's standard output goes.
func (c *Capture) Stdout() io.Writer { return &c.stdout }

// Stderr is where the command's standard error goes.
func (c *Capture) Stderr() io.Writer { return &c.stderr }

// Write takes any part of the output, as it comes.
func (s *stream) Write(data []byte) (int, error) {
	s.capture.mu.Lock()
	defer s.capture.mu.Unlock()
	s.capture.all.Write(data)
	s.text.Write(data)
	if end := bytes.LastIndexByte(data, '\n'); end >= 0 {
		s.show(s.text.Len() - len(data) + end)
	}
	return len(data), nil
}

// show logs the lines up to an offset of the text.
func (s *stream) show(end int) {
	if s.logged && end > s.shown {
		for _, line := range strings.Split(string(s.text.Bytes()[s.shown:end]), "\n") {
			s.capture.log(text(strings.TrimSuffix(line, "\r")))
		}
	}
	s.shown = end + 1
}

// Finish logs what is left and returns the outputs, or the command's error with all that it wrote.
func (c *Capture) Finish(command string, err error) (Outputs, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range []*stream{&c.stdout, &c.stderr} {
		if s.text.Len() > s.shown {
			s.show(s.text.Len())
		}
	}
	if err != nil {
		return Outputs{}, fmt.Errorf("%w: running %q:\n%s", err, command, text(c.all.String()))
	}
	trim := func(s *stream) string { return text(strings.TrimSuffix(s.text.String(), "\n")) }
	return Outputs{Stdout: trim(&c.stdout), Stderr: trim(&c.stderr)}, nil
}

// text replaces what is no UTF-8: the SDK could not receive it, and the resource would be lost after its command has run.
func text(output string) string { return strings.ToValidUTF8(output, "\uFFFD") }
