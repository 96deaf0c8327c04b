import { z } from "zod";
import { flag, hostName, keyDocs } from "./keys";

/** What becomes of mails that an environment sends. */
export const mailSchema = z.strictObject({
  catcher: flag()
    .optional()
    .register(keyDocs, {
      about:
        "Whether a container catches mails (host `mail`, port 1025) and shows on a page what would have been sent.",
      derived: "true outside production",
    }),
  domain: hostName()
    .optional()
    .register(keyDocs, {
      about: "Host name of the page with the caught mails.",
      derived: "`mail.` and the first domain where that ends in `.localhost`, else none: no page",
      example: "mail.staging.example.com",
    }),
});
