/** What a layer takes away of those below it (OCI image specification, layer.md, "Whiteouts"): before a name, that name. */
export const WHITEOUT = '.wh.';

/** In a directory, all that the layers below have in it. */
export const OPAQUE = '.wh..wh..opq';
