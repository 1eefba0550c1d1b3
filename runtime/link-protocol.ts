/** What a process that can have its links cut (link-agent.ts) and whoever started it say to each other. */

/** Environment variable with the ports that are cut from the start on, separated by commas. */
export const CUT_PORTS_VARIABLE = 'GREGOR_CUT_PORTS';

/** Of all links to ports only these are cut from now on. */
export interface CutLinks {
  kind: 'cut-links';
  id: number;
  ports: number[];
}

/** The links are as the command with this number wanted them. */
export interface CutLinksDone {
  kind: 'cut-links-done';
  id: number;
}
