//go:build !linux

package local

import "syscall"

// dieWithParent can't be had here: a command ends when it next writes.
func dieWithParent(*syscall.SysProcAttr) {}
