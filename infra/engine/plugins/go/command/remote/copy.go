package remote

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/pkg/sftp"
	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi-go-provider/infer/types"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// CopyToRemoteArgs are the inputs of a CopyToRemote.
type CopyToRemoteArgs struct {
	Connection *Connection `pulumi:"connection" provider:"secret"`
	// Triggers replace the resource, and so copy again, when one of them changes.
	Triggers *[]any `pulumi:"triggers,optional" provider:"replaceOnChanges"`
	// Source is a file, a folder (as an archive) or a text.
	Source types.AssetOrArchive `pulumi:"source"`
	// RemotePath is where it goes; a file or folder is put into it where it is a folder already.
	RemotePath string `pulumi:"remotePath"`
}

// CopyToRemoteState is what is kept of a CopyToRemote.
type CopyToRemoteState struct{ CopyToRemoteArgs }

// CopyToRemote is a resource that copies files to another machine. What it copied stays there when it is deleted.
type CopyToRemote struct{}

// Check validates the inputs.
func (*CopyToRemote) Check(
	ctx context.Context, req infer.CheckRequest,
) (infer.CheckResponse[CopyToRemoteArgs], error) {
	inputs, failures, err := infer.DefaultCheck[CopyToRemoteArgs](ctx, req.NewInputs)
	asset, archive := inputs.Source.Asset, inputs.Source.Archive
	if (asset != nil && !asset.IsPath() && !asset.IsText()) || (archive != nil && !archive.IsPath()) {
		failures = append(failures, p.CheckFailure{
			Property: "source", Reason: "expected a FileAsset, a StringAsset or a FileArchive",
		})
	}
	return infer.CheckResponse[CopyToRemoteArgs]{Inputs: inputs, Failures: failures}, err
}

// Create copies.
func (*CopyToRemote) Create(
	ctx context.Context, req infer.CreateRequest[CopyToRemoteArgs],
) (infer.CreateResponse[CopyToRemoteState], error) {
	response := infer.CreateResponse[CopyToRemoteState]{Output: CopyToRemoteState{req.Inputs}}
	if req.DryRun {
		return response, nil
	}
	var err error
	if response.ID, err = resource.NewUniqueHex(req.Name, 8, 0); err == nil {
		err = upload(ctx, req.Inputs)
	}
	return response, err
}

// Update copies again when the source or the place changed; a new way to connect alone is only kept.
func (*CopyToRemote) Update(
	ctx context.Context, req infer.UpdateRequest[CopyToRemoteArgs, CopyToRemoteState],
) (infer.UpdateResponse[CopyToRemoteState], error) {
	news, olds := req.Inputs, req.State
	var err error
	if changed := news.hash() != olds.hash() || news.RemotePath != olds.RemotePath; changed && !req.DryRun {
		err = upload(ctx, news)
	}
	return infer.UpdateResponse[CopyToRemoteState]{Output: CopyToRemoteState{news}}, err
}

func (in *CopyToRemoteArgs) hash() string {
	if in.Source.Archive != nil {
		return in.Source.Archive.Hash
	}
	return in.Source.Asset.Hash
}

func upload(ctx context.Context, in CopyToRemoteArgs) error {
	connection, err := in.Connection.Dial(ctx)
	if err != nil {
		return err
	}
	defer connection.Close()
	defer context.AfterFunc(ctx, func() { _ = connection.Close() })()
	client, err := sftp.NewClient(connection, sftp.UseConcurrentWrites(true))
	if err != nil {
		return err
	}
	defer client.Close()

	asset := in.Source.Asset
	if asset != nil && asset.IsText() {
		return writeFile(client, in.RemotePath, strings.NewReader(asset.Text))
	}
	source := ""
	if asset != nil {
		source = asset.Path
	} else {
		source = in.Source.Archive.Path
	}
	info, err := os.Stat(source)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return copyDir(client, source, in.RemotePath)
	}
	target := in.RemotePath
	if remote, err := client.Stat(target); err == nil && remote.IsDir() {
		target = path.Join(target, filepath.Base(source))
	}
	return copyFile(client, source, target)
}

// copyDir copies a folder into the target, or only what is in it where the source ends in a slash.
func copyDir(client *sftp.Client, source, target string) error {
	if !strings.HasSuffix(source, "/") {
		if err := makeDir(client, target); err != nil {
			return err
		}
		target = path.Join(target, filepath.Base(source))
	}
	return fs.WalkDir(os.DirFS(source), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return makeDir(client, path.Join(target, name))
		}
		return copyFile(client, filepath.Join(source, name), path.Join(target, name))
	})
}

// makeDir makes a folder that may be there already; those above it must be.
func makeDir(client *sftp.Client, dir string) error {
	if info, err := client.Stat(dir); err == nil && info.IsDir() {
		return nil
	}
	if err := client.Mkdir(dir); err != nil {
		return fmt.Errorf("making the remote folder %s: %w", dir, err)
	}
	return nil
}

func copyFile(client *sftp.Client, source, target string) error {
	file, err := os.Open(source)
	if err != nil {
		return err
	}
	defer file.Close()
	return writeFile(client, target, file)
}

func writeFile(client *sftp.Client, target string, content io.Reader) error {
	remote, err := client.Create(target)
	if err != nil {
		return fmt.Errorf("making the remote file %s: %w", target, err)
	}
	_, err = remote.ReadFrom(content)
	if closed := remote.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("writing the remote file %s: %w", target, err)
	}
	return nil
}
