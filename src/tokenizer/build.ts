/** From a vocabulary to its automaton, whatever the kind. */
import type { WordAutomaton } from "./automaton.js";
import { patternAutomaton } from "./patterns.js";
import { pieceAutomaton } from "./pieces.js";
import type { Vocabulary } from "./vocabulary.js";
import { wordListAutomaton } from "./words.js";

export function wordAutomaton(vocabulary: Vocabulary): WordAutomaton {
  switch (vocabulary.kind) {
    case "words":
      return wordListAutomaton(vocabulary);
    case "pieces":
      return pieceAutomaton(vocabulary);
    case "patterns":
      return patternAutomaton(vocabulary);
  }
}
