import { createHash } from "node:crypto";
import { deflateSync, crc32 } from "node:zlib";

/** What a replaced attachment contains. */
export interface Placeholder {
  /** SQL condition on an attachment: whether this is the one for it. The first that holds counts. */
  readonly when: string;
  readonly mimetype: string;
  /** Ending of a file's name. */
  readonly ending: string;
  readonly content: Buffer;
  /** SHA-1 of the content, hexadecimal: Odoo's checksum and the file's name. */
  readonly checksum: string;
}

const text = "This file was replaced in a copy of the data.\n";

/** One for each kind of file that is shown in pages; all others become a text. */
export const placeholders: readonly Placeholder[] = [
  make("mimetype LIKE 'image/%' OR res_field LIKE '%image%'", "image/png", "png", greyPng(64)),
  make("mimetype = 'application/pdf'", "application/pdf", "pdf", pdf("This file was replaced in a copy of the data.")),
  make("true", "text/plain", "txt", Buffer.from(text)),
];

function make(when: string, mimetype: string, ending: string, content: Buffer): Placeholder {
  return { when, mimetype, ending, content, checksum: createHash("sha1").update(content).digest("hex") };
}

/** A grey square: https://www.w3.org/TR/png/ */
function greyPng(size: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, check]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.writeUInt8(8, 8); // bits a pixel; the colour type, 0, is grey
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(size, 0xc0)]);
  const rows = deflateSync(Buffer.concat(Array.from({ length: size }, () => row)));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", rows), chunk("IEND", Buffer.alloc(0))]);
}

/** One page with one line. */
function pdf(line: string): Buffer {
  const stream = `BT /F1 14 Tf 72 720 Td (${line}) Tj ET`;
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
    `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
  ];
  let body = "%PDF-1.4\n";
  const offsets = objects.map((object, index) => {
    const offset = body.length;
    body += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(offset).padStart(10, "0")} 00000 n \n`;
  });
  const table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${offsets.join("")}`;
  return Buffer.from(
    `${body}${table}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${body.length}\n%%EOF\n`,
  );
}
