import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { must } from "../shell";

/** An authority for certificates, and one that it has given; for a day. */
export interface Certificates {
  /** The authority's own, as PEM. */
  readonly authority: string;
  /** The server's, and its key. */
  readonly server: string;
  readonly key: string;
}

/** Makes an authority of a test's own, and a certificate for an address, as Amazon's does for the name of an instance. */
export async function certificatesFor(address: string, folder: string): Promise<Certificates> {
  mkdirSync(folder, { recursive: true });
  const openssl = (...args: string[]) => must(["openssl", ...args], { cwd: folder });
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  await openssl("req", "-x509", ...curve, "-keyout", "ca.key", "-out", "ca.pem", "-days", "1", "-subj", "/CN=Stand-in");
  await openssl("req", ...curve, "-keyout", "key.pem", "-out", "server.csr", "-subj", `/CN=${address}`);
  writeFileSync(join(folder, "names"), `subjectAltName=IP:${address}\n`);
  await openssl(
    ...["x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"],
    ...["-days", "1", "-extfile", "names", "-out", "server.pem"],
  );
  const read = (name: string) => readFileSync(join(folder, name), "utf8");
  return { authority: read("ca.pem"), server: read("server.pem"), key: read("key.pem") };
}
