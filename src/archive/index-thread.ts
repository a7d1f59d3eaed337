import { serve } from '../threads/serve.js';
import { type IndexRequest, keepIndex } from './make-index.js';

serve<IndexRequest, undefined>(async (request) => {
  await keepIndex(request);
  return { result: undefined };
});
