#pragma once
// What follows training: base against tuned, exports with their proofs, the summary.
#include <utility>

#include "engine/prepare.h"
#include "store/store.h"
#include "train/trainer.h"

namespace luthier {

/// The split that judges a run: test where there is one, else validation. The second is its name.
std::pair<const EncodedSplit*, std::string> judging_split(const Dataset& data);

/// Evaluates the model as it is and logs metrics "<prefix>.<split>.<metric>"; returns {"split", "rows", "metrics",
/// "detail"}.
Json evaluate_split(Prepared& parts, const EncodedSplit& split, const std::string& name, const std::string& prefix,
                    std::int64_t step, RunLog& log);

/// A run that was told to stop: its event and status, with or without a checkpoint to go on from.
void record_stop(Store& store, const std::string& id, const TrainResult& result, RunLog& log);

/// Evaluates, exports, proves, and sets the run's summary and final status.
void finish(Store& store, const std::string& id, Prepared& parts, const Json& base, const TrainResult& result,
            RunLog& log);

}  // namespace luthier
