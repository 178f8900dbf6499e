#pragma once
// A run for people and for machines: shared by `runs` and `train`.
#include <string>
#include <vector>

#include "base/json.h"
#include "store/store.h"

namespace luthier {

Json run_json(const Store& store, const RunRow& run);
Json event_json(const EventRow& event);
Json metric_json(const MetricRow& metric);
Json artefact_json(const ArtefactRow& artefact);

/// JSON text of the store; null for "" and for what is damaged.
Json json_or_null(const std::string& text);

/// "passed (largest difference 1e-06)", "FAILED", "none": an artefact's proof in a few words.
std::string proof_text(const ArtefactRow& artefact);

/// One line for an event; "" for those that only machines need.
std::string event_text(const EventRow& event);

/// What was wrong, where, what to do: of a run that failed, paused or was interrupted; "" when there is nothing to say.
std::string reason_text(const RunRow& run);

/// The end of a run: metrics before and after, artefacts with their proofs, what to try next.
std::string summary_text(const Store& store, const RunRow& run);

}  // namespace luthier
