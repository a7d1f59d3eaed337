import * as z from 'zod';
import { reasonOf } from '../formats/errors.js';
import { splitWords } from '../formats/words.js';
import { singleCertificate } from './certificate.js';
import { absolutePath, checkedText, localFile, pattern } from './schema-texts.js';

const WORDS_MESSAGE = 'must be words with their quotes closed, or a list of words';

function wordsError(text: string): string | undefined {
  const words = splitWords(text);
  return words === undefined || words.length === 0 ? WORDS_MESSAGE : undefined;
}

/** As apko splits it: by a shell's quotes, and nothing is expanded. */
const commandText = checkedText(wordsError);
const command = z.union([commandText, z.array(z.string()).min(1, 'must not be empty')], { error: WORDS_MESSAGE });

const entrypoint = z
  .strictObject({
    type: z
      .string()
      .check(({ value, issues }) => {
        const message = `cannot be ${JSON.stringify(value)}: no service manager is started here; name the program in command`;
        issues.push({ code: 'custom', message, input: value });
      })
      .optional()
      .describe('Not supported: a container runs one program'),
    command: command.optional().describe('The program and its arguments: text that is split into words, or a list'),
    'shell-fragment': z.string().min(1, 'must not be empty').optional().describe('Text for /bin/sh -c'),
  })
  .describe('What a container runs');

const KEY_MESSAGE = 'is not a name for an annotation or a label';
const key = pattern(/^[^\s=\p{Cc}]{1,255}$/u, KEY_MESSAGE);
const texts = z.record(key, z.string());

const PORT_MESSAGE = 'must be a port from 1 to 65535, with /tcp, /udp or /sctp behind it or not';
const isPort = (text: string): boolean => {
  const [, number] = /^([1-9][0-9]{0,4})(?:\/(?:tcp|udp|sctp))?$/.exec(text) ?? [];
  return number !== undefined && Number(number) <= 65_535;
};
const port = z.union(
  [z.int().refine((value) => isPort(String(value)), PORT_MESSAGE), z.string().refine(isPort, PORT_MESSAGE)],
  {
    error: PORT_MESSAGE,
  },
);

const SIGNAL_MESSAGE = 'must be a signal such as SIGTERM, SIGRTMIN+3 or 15';
const signalText = /^(?:SIG(?:[A-Z]{2,6}[0-9]?|RTM(?:IN|AX)(?:[+-][0-9]{1,2})?)|[1-9][0-9]?)$/;
const signal = z.union(
  [z.int().min(1, SIGNAL_MESSAGE).max(64, SIGNAL_MESSAGE), z.string().regex(signalText, SIGNAL_MESSAGE)],
  {
    error: SIGNAL_MESSAGE,
  },
);

function certificateError(text: string): string | undefined {
  try {
    singleCertificate(text);
    return undefined;
  } catch (error) {
    return `must be one certificate in PEM: ${reasonOf(error)}`;
  }
}

const certificate = z.strictObject({
  name: pattern(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'must be made of letters, digits, ., _ and -').describe(
    'Names its file',
  ),
  content: checkedText(certificateError).optional().describe('The certificate in PEM'),
  source: localFile.optional().describe('A file that holds it, relative to this profile; in place of content'),
});

const MAX_BUDGET = 120;
const BUDGET_MESSAGE = `must be a whole number from 1 to ${MAX_BUDGET}`;
const layering = z.strictObject({
  strategy: z
    .enum(['stage', 'origin'])
    .optional()
    .describe('stage: a layer for each (the default); origin: one for each source package, and one for the rest'),
  budget: z
    .int({ error: BUDGET_MESSAGE })
    .min(1, BUDGET_MESSAGE)
    .max(MAX_BUDGET, BUDGET_MESSAGE)
    .optional()
    .describe('With origin: how many layers of packages there may be; the smallest share the last'),
});

/** What a profile says of images, field for field, by the names that apko has for it. */
export const imageFields = {
  entrypoint: entrypoint.optional(),
  cmd: command.optional().describe('Its arguments, which who runs it may replace'),
  'stop-signal': signal.optional().describe('The signal that asks the program to end'),
  'work-dir': absolutePath.optional().describe('The directory that the program starts in'),
  volumes: z.array(absolutePath).optional().describe('Directories whose contents outlive a container'),
  'exposed-ports': z.array(port).optional().describe('Ports that the program listens on: 80, 53/udp'),
  labels: texts.optional().describe("Labels of the image's configuration, over the annotations, which it also gets"),
  annotations: texts.optional().describe("Annotations of the image's manifest, over those that are made for it"),
  'vcs-url': z
    .string()
    .regex(/^\S+$/, 'must not hold blanks')
    .optional()
    .describe('Where the profile is kept: URL@REVISION, for the annotations source and revision'),
  certificates: z
    .strictObject({ additional: z.array(certificate).optional().describe('Trusted beside those of ca-certificates') })
    .optional()
    .describe('Certificates of certificate authorities'),
  layering: layering.optional().describe('How the tree is divided into layers'),
};
