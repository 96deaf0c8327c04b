/** What each part of making a copy is, in the words of whoever watches it. */
export const copySteps: Readonly<Record<string, string>> = {
  database: "copying the database",
  files: "copying the files",
  open: "opening the copy",
  secure: "securing it",
  modules: "bringing its modules to the version",
  page: "asking it for a page",
  keep: "writing it to disk",
  place: "putting it in place where there is nothing yet",
};
