import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";

/** PostgreSQL's own default, `scram_iterations`. */
const iterations = 4096;

/**
 * What PostgreSQL keeps of a password (RFC 5803), to be given to it in the password's place: neither the statement nor the
 * server's log has the password then.
 * @param password ASCII.
 * @param salt 16 random bytes.
 */
export function scramVerifier(password: string, salt: Buffer = randomBytes(16)): string {
  const salted = pbkdf2Sync(password, salt, iterations, 32, "sha256");
  const hmac = (text: string) => createHmac("sha256", salted).update(text).digest();
  const storedKey = createHash("sha256").update(hmac("Client Key")).digest();
  const [encodedSalt, stored, server] = [salt, storedKey, hmac("Server Key")].map((part) => part.toString("base64"));
  return `SCRAM-SHA-256$${iterations}:${encodedSalt}$${stored}:${server}`;
}
