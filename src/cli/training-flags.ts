/**
 * The flags of `typoproof train` that decide what is learned, in the groups of the help. Each carries the name that its
 * option has in train/; the ranges are checked there.
 */
import { Option } from "commander";
import { SIMILARITIES } from "../layers/similarity.js";
import { VOCABULARY_KINDS } from "../tokenizer/vocabulary.js";
import { TRAIN_DEFAULTS } from "../train/options.js";
import { REGULARISER_DEFAULTS } from "../train/regularisers/options.js";
import { BLOCK_DEFAULTS, FEED_FORWARDS, NORMS, OPTIMISERS } from "../train/transformer/options.js";
import { decimal, integer, share } from "./options.js";

export interface TrainingGroup {
  readonly title: string;
  readonly options: readonly Option[];
}

/** Texts per step where there are blocks: what fills the graph. */
export const BLOCK_BATCH = 64;

const D = { ...TRAIN_DEFAULTS, ...BLOCK_DEFAULTS, ...REGULARISER_DEFAULTS };
const whole = integer(0, 2 ** 31);

const number = (flags: string, text: string, value: number, parser: (text: string) => number = decimal) =>
  new Option(flags, text).default(value).argParser(parser);

/** New options for each program: they are changed when a command line is read. */
export const trainingGroups = (): readonly TrainingGroup[] => [
  {
    title: "Model:",
    options: [
      new Option("--kind <kind>", "what a word's tokens are").choices(VOCABULARY_KINDS).default(D.kind),
      number("--min-word-texts <n>", "a word is a token if n texts have it", D.minWordTexts, whole),
      number(
        "--min-pattern-texts <n>",
        "a part of words is a token if n texts have it",
        D.minPatternTexts,
        whole,
      ),
      number("--min-pattern <n>", "shortest part of a word, in characters", D.minPattern, whole),
      number("--max-pattern <n>", "longest part of a word", D.maxPattern, whole),
      number("--pattern-evidence <x>", "most weight of a part of a word; whole words: 1", D.patternEvidence),
      new Option(
        "--vectors <file>",
        "word vectors made of more text (GloVe, word2vec, fastText as text, or JSON): words learn from words like them",
      ),
      number(
        "--vector-words <n>",
        "so many first words of --vectors are tokens in any case",
        D.vectorWords,
        whole,
      ),
    ],
  },
  {
    title: "Blocks (attention and feed-forward over whole words):",
    options: [
      number("--blocks <n>", "blocks over the words; 0: the sum over words alone", D.blocks, whole),
      number("--width <n>", "numbers per word", D.width, whole),
      number("--heads <n>", "heads of attention", D.heads, whole),
      number("--head-width <n>", "numbers per query, key and value of a head", D.headWidth, whole),
      number("--inner <n>", "hidden numbers of the feed-forward branch", D.inner, whole),
      new Option("--feed-forward <kind>", "mlp, or orthogonal: no input is stretched or shrunk by it")
        .choices(FEED_FORWARDS)
        .default(D.feedForward),
      new Option("--norm <kind>", "in front of the branches; chain: channels scaled by running statistics")
        .choices(NORMS)
        .default(D.norm),
      number("--chain-mixing <share>", "channels left unscaled at first; falls to 0", D.chainMixing, share),
      number("--chain-mean <x>", "weight of the channels' means in the loss", D.chainMean),
      new Option(
        "--similarity <kind>",
        "what attention scores are made of: q.k, the cosine of both, or |q - k|^2",
      )
        .choices(SIMILARITIES)
        .default(D.similarity),
      number("--score-limit <x>", "largest size of an attention score", D.scoreLimit),
      number("--null-mass <x>", "attention that nothing gets; more: edits move less", D.nullMass),
      number(
        "--window <n>",
        "nearest words that a head sees; even heads look back, odd ahead; 0: all",
        D.window,
        whole,
      ),
      number(
        "--min-embedded-texts <n>",
        "a word is seen by the blocks if n texts have it",
        D.minEmbeddedTexts,
        whole,
      ),
      number(
        "--max-words <n>",
        "a longer text is trained on a stretch of n words, new each time",
        D.maxWords,
        whole,
      ),
      number("--ball <x>", "longest that a word's vector may be", D.ball),
      number("--embedding-scale <x>", "size of the numbers of a fresh vector", D.embeddingScale),
    ],
  },
  {
    title: "Loss:",
    options: [
      number(
        "--worst-edits <n>",
        "edits that the adversary makes in the loss; 0: plain training",
        D.worstEdits,
        whole,
      ),
      number("--temperature <x>", "scale of the margin in the loss", D.temperature),
      number("--balance <share>", "0: texts weigh the same; 1: labels do", D.balance, share),
      number("--charge <x>", "weight of what edits can take from the blocks", D.charge),
      number("--kappa <x>", "margin that is wanted beyond the adversary's edits", D.kappa),
      new Option(
        "--teacher <models...>",
        "shipped models or model folders whose scores are learned from; of several, the mean",
      ),
      number("--teacher-scale <x>", "what a teacher's scores are multiplied by; less: less certain", 1),
      new Option(
        "--distil <share>",
        "the teacher's part of the loss (default: 0.5 with a teacher, else 0)",
      ).argParser(share),
    ],
  },
  {
    title: "Regularisers (published methods, see docs/training.md; 0: off):",
    options: [
      number("--jacobian-squares <x>", "weight of the Jacobian's squares", D.jacobianSquares),
      number("--jacobian-sizes <x>", "weight of the sizes of the Jacobian's entries", D.jacobianSizes),
      number(
        "--selective-gradients <x>",
        "weight of the loss's gradient by words that don't matter",
        D.selectiveGradients,
      ),
      number("--salient-tokens <n>", "words of a text that do matter", D.salientTokens, whole),
      number("--grok-align <x>", "weight of the Jacobian along random directions", D.grokAlign),
      number("--certified-radius <x>", "weight of certified radius maximisation", D.certifiedRadius),
      number("--radius-below <x>", "only for texts with a smaller radius, in edits", D.radiusBelow),
      number("--radius-temperature <x>", "how sharply the smallest radius counts", D.radiusTemperature),
      number("--radius-from <n>", "epochs before it begins", D.radiusFrom, whole),
    ],
  },
  {
    title: "Training:",
    options: [
      number("--epochs <n>", "passes over the texts", D.epochs, whole),
      new Option(
        "--batch <n>",
        `texts per step (default: ${D.batch}; with blocks or a teacher ${BLOCK_BATCH})`,
      ).argParser(whole),
      number("--learning-rate <x>", "of the sum over words; falls to 0 by the last step", D.learningRate),
      number("--block-rate <x>", "of the blocks; falls to 0 by the last step", D.blockRate),
      new Option("--optimiser <name>", "what moves the blocks' matrices")
        .choices(OPTIMISERS)
        .default(D.optimiser),
      new Option(
        "--constraint <form>",
        "what is done to the blocks' matrices after each step: none, soft-cap:1, hard-cap:1, normalise:1, soft-normalise, hammer:1, spectral-decay:0.1 or orthogonal, with any numbers",
      ).default(D.constraint),
      new Option("--start <model>", "begin with this model of a sum over words, and keep its vocabulary"),
      number("--dropout <share>", "part of a text's words left out at random", D.dropout, share),
      number("--average <n>", "models of different seeds, averaged into one", D.average, whole),
      number("--seed <n>", "equal seeds give equal models", D.seed, integer(0, 2 ** 32 - 1)),
      number(
        "-k, --edits <n>",
        "choose the epoch by certified accuracy at this many edits",
        D.chooseAt,
        whole,
      ),
      number(
        "--threads <n>",
        "threads of what runs the blocks; results may differ in the last bits",
        1,
        integer(1, 256),
      ),
    ],
  },
];
