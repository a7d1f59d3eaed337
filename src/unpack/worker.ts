import type { Limits } from '../formats/limits.js';
import { serve } from '../threads/serve.js';
import { unpackDeb } from './deb.js';
import type { UnpackedPackage, UnpackRequest } from './types.js';

export interface WorkerRequest {
  readonly request: UnpackRequest;
  readonly spool: string;
  readonly limits: Limits;
}

serve<WorkerRequest, UnpackedPackage>(async ({ request, spool, limits }) => ({
  result: await unpackDeb(request, spool, limits),
}));
