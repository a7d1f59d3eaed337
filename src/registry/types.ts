/** What a registry is told about who asks. */
export type Credential =
  | { readonly type: 'basic'; readonly username: string; readonly password: string }
  /** An OAuth2 refresh token, with which a token server gives tokens. */
  | { readonly type: 'identity-token'; readonly token: string }
  /** Sent to the registry as it is. */
  | { readonly type: 'registry-token'; readonly token: string };

/** A credential, and who gave it, for messages: a file, or a credential helper. */
export interface FoundCredential {
  readonly credential: Credential;
  readonly source: string;
}

export type RegistryEvent =
  /** A blob is on its way: so many of its bytes are there. */
  | { readonly type: 'blob-progress'; readonly digest: string; readonly done: number; readonly size: number }
  | { readonly type: 'blob-finished'; readonly digest: string; readonly size: number; readonly outcome: BlobOutcome }
  | { readonly type: 'manifest-finished'; readonly reference: string; readonly outcome: 'sent' | 'present' }
  | { readonly type: 'retried'; readonly what: string; readonly attempt: number; readonly reason: string };

/** How a blob came to be where it is: it was sent, taken over from another repository of the registry, or there. */
export type BlobOutcome = 'sent' | 'mounted' | 'present';

/** How a registry is spoken to. */
export interface RegistryOptions {
  /** Proxy variables, and those that name the files with credentials: see `findCredential`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Speak http where a registry has no https. To the machine itself that is always done. */
  readonly insecure: boolean;
  readonly signal: AbortSignal;
  readonly onEvent?: (event: RegistryEvent) => void;
  /** Blobs at a time; 4 unless given. */
  readonly concurrency?: number;
  /** How often something is tried again while nothing goes on; 7 unless given, which takes about a minute. */
  readonly retries?: number;
  /** The first pause before another try in milliseconds, doubled each time; 500 unless given. */
  readonly pause?: number;
  /** Milliseconds without a byte after which a connection counts as broken; 120,000 unless given. */
  readonly timeout?: number;
}
