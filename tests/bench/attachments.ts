import { must, progress } from "../support/shell";
import type { ReleaseLab } from "../support/releaseLab";

/** What files belong to, by turns; those of people are replaced in a copy. */
const models = ["sale.order", "account.move", "product.template", "res.partner"];

/** Writes files of 1 kB to 64 kB as Odoo does, under the names that their content has, and prints names and sizes. */
const program = `
import hashlib, os, sys
root, count = sys.argv[1], int(sys.argv[2])
for number in range(count):
    content = os.urandom(1024 * (1 + number % 64))
    name = hashlib.sha1(content).hexdigest()
    os.makedirs(os.path.join(root, name[:2]), exist_ok=True)
    with open(os.path.join(root, name[:2], name), "wb") as file:
        file.write(content)
    print(name, len(content))
`;

/**
 * Adds files to the filestore, and the attachments that they are the content of.
 * @param lab The environment.
 * @param count How many.
 */
export async function fillFiles(lab: ReleaseLab, count: number): Promise<void> {
  progress(`writing ${count} files`);
  const web = ["docker", "exec", await lab.container("odoo-web"), "python3", "-c", program];
  const { stdout } = await must([...web, "/var/lib/odoo/filestore/odoo", String(count)]);
  const rows = stdout
    .trim()
    .split("\n")
    .map((line, index) => {
      const [name = "", size = ""] = line.split(" ");
      const model = models[index % models.length] ?? "";
      const place = `${name.slice(0, 2)}/${name}`;
      return [`file-${index}.pdf`, "binary", model, "1", name, place, size, "application/pdf", "1", "2", "2"].join(
        "\t",
      );
    });
  const columns = "name, type, res_model, res_id, checksum, store_fname, file_size, mimetype, company_id";
  const copy = `COPY ir_attachment (${columns}, create_uid, write_uid) FROM STDIN`;
  const psql = ["psql", "--dbname", "odoo", "-Xqc", copy, "-c", "VACUUM (FREEZE, ANALYZE) ir_attachment"];
  const argv = ["docker", "exec", "--interactive", "--user", "postgres", await lab.container("postgres"), ...psql];
  await must(argv, { input: `${rows.join("\n")}\n` });
}
