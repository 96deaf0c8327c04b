package local

import "syscall"

// dieWithParent has the kernel end the command when this process is killed.
func dieWithParent(attributes *syscall.SysProcAttr) { attributes.Pdeathsig = syscall.SIGTERM }
