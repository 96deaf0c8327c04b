// Package remote runs commands and copies files over SSH.
package remote

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// Machine says how to log in to one machine.
type Machine struct {
	// Host is its name or address.
	Host string `pulumi:"host"`
	// User to log in as; root by default.
	User *string `pulumi:"user,optional"`
	// Port of its SSH server; 22 by default.
	Port *float64 `pulumi:"port,optional"`
	// Password to log in with; also answers questions.
	Password *string `pulumi:"password,optional"`
	// PrivateKey is the text of a key; it is tried before the password.
	PrivateKey *string `pulumi:"privateKey,optional"`
	// PrivateKeyPassword opens an encrypted key.
	PrivateKeyPassword *string `pulumi:"privateKeyPassword,optional"`
	// AgentSocketPath is the socket of an SSH agent; SSH_AUTH_SOCK by default.
	AgentSocketPath *string `pulumi:"agentSocketPath,optional"`
	// HostKey is the public key that the server must show, as in authorized_keys; any by default.
	HostKey *string `pulumi:"hostKey,optional"`
	// DialErrorLimit is how many attempts may fail; -1 for any number; 10 by default.
	DialErrorLimit *int `pulumi:"dialErrorLimit,optional"`
	// PerDialTimeout is how many seconds an attempt may take; 0 for any number; 15 by default.
	PerDialTimeout *int `pulumi:"perDialTimeout,optional"`
}

// Connection is a machine to run something on, reached directly or through another one.
type Connection struct {
	Machine
	// Proxy is the machine to go through.
	Proxy *ProxyConnection `pulumi:"proxy,optional"`
}

// ProxyConnection is a machine to go through.
type ProxyConnection struct{ Machine }

const (
	defaultPort           = 22
	defaultDialErrorLimit = 10
	defaultPerDialTimeout = 15
)

// Annotate says the defaults.
func (c *Connection) Annotate(a infer.Annotator) { c.Machine.defaults(a) }

// Annotate says the defaults.
func (c *ProxyConnection) Annotate(a infer.Annotator) { c.Machine.defaults(a) }

func (m *Machine) defaults(a infer.Annotator) {
	a.SetDefault(&m.User, "root")
	a.SetDefault(&m.Port, defaultPort)
	a.SetDefault(&m.DialErrorLimit, defaultDialErrorLimit)
	a.SetDefault(&m.PerDialTimeout, defaultPerDialTimeout)
}

func (m *Machine) address() string { return net.JoinHostPort(m.Host, strconv.Itoa(int(*m.Port))) }

// clientConfig gathers every way to log in that was given.
func (m *Machine) clientConfig() (*ssh.ClientConfig, error) {
	config := &ssh.ClientConfig{
		User:            *m.User,
		Timeout:         time.Duration(*m.PerDialTimeout) * time.Second,
		HostKeyCallback: ssh.InsecureIgnoreHostKey(),
	}
	if m.HostKey != nil {
		key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(*m.HostKey))
		if err != nil {
			return nil, fmt.Errorf("hostKey: %w", err)
		}
		config.HostKeyCallback = ssh.FixedHostKey(key)
	}
	if m.PrivateKey != nil {
		signer, err := m.signer()
		if err != nil {
			return nil, fmt.Errorf("privateKey: %w", err)
		}
		config.Auth = append(config.Auth, ssh.PublicKeys(signer))
	}
	if m.Password != nil {
		answer := func(_, _ string, questions []string, _ []bool) ([]string, error) {
			answers := make([]string, len(questions))
			for i := range answers {
				answers[i] = *m.Password
			}
			return answers, nil
		}
		config.Auth = append(config.Auth, ssh.Password(*m.Password), ssh.KeyboardInteractive(answer))
	}
	socket := os.Getenv("SSH_AUTH_SOCK")
	if m.AgentSocketPath != nil {
		socket = *m.AgentSocketPath
	}
	if socket != "" {
		conn, err := net.Dial("unix", socket)
		if err != nil {
			return nil, fmt.Errorf("agentSocketPath: %w", err)
		}
		config.Auth = append(config.Auth, ssh.PublicKeysCallback(agent.NewClient(conn).Signers))
	}
	return config, nil
}

func (m *Machine) signer() (ssh.Signer, error) {
	if m.PrivateKeyPassword != nil {
		return ssh.ParsePrivateKeyWithPassphrase([]byte(*m.PrivateKey), []byte(*m.PrivateKeyPassword))
	}
	return ssh.ParsePrivateKey([]byte(*m.PrivateKey))
}

// connect logs in to a machine, trying again while it does not answer: it may still be starting.
func (m *Machine) connect(ctx context.Context, dial func(ctx context.Context, address string) (net.Conn, error)) (*ssh.Client, error) {
	config, err := m.clientConfig()
	if err != nil {
		return nil, err
	}
	const firstWait, longestWait = 100 * time.Millisecond, 5 * time.Second
	for attempt, wait := 1, firstWait; ; attempt, wait = attempt+1, min(2*wait, longestWait) {
		client, err := m.attempt(ctx, config, dial)
		if err == nil {
			return client, nil
		}
		if *m.DialErrorLimit >= 0 && attempt > *m.DialErrorLimit {
			return nil, fmt.Errorf("%s: after %d failed attempts: %w", m.address(), attempt, err)
		}
		p.GetLogger(ctx).InfoStatusf("%s: attempt %d failed: %s", m.address(), attempt, err)
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), err)
		case <-time.After(wait):
		}
	}
}

func (m *Machine) attempt(
	ctx context.Context, config *ssh.ClientConfig, dial func(ctx context.Context, address string) (net.Conn, error),
) (*ssh.Client, error) {
	if config.Timeout > 0 {
		limited, cancel := context.WithTimeout(ctx, config.Timeout)
		defer cancel()
		ctx = limited
	}
	conn, err := dial(ctx, m.address())
	if err != nil {
		return nil, err
	}
	// A server that accepts and then says nothing must not hold this up for ever.
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	sshConn, channels, requests, err := ssh.NewClientConn(conn, m.address(), config)
	if err != nil {
		_ = conn.Close()
		return nil, errors.Join(ctx.Err(), err)
	}
	return ssh.NewClient(sshConn, channels, requests), nil
}

// Dial logs in to the machine, through the proxy where there is one. Closing what it returns ends both connections.
func (c *Connection) Dial(ctx context.Context) (*ssh.Client, error) {
	direct := func(ctx context.Context, address string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", address)
	}
	if c.Proxy == nil {
		return c.connect(ctx, direct)
	}
	proxy, err := c.Proxy.connect(ctx, direct)
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	client, err := c.connect(ctx, func(ctx context.Context, address string) (net.Conn, error) {
		return proxy.DialContext(ctx, "tcp", address)
	})
	if err != nil {
		_ = proxy.Close()
		return nil, err
	}
	go func() {
		_ = client.Wait()
		_ = proxy.Close()
	}()
	return client, nil
}
