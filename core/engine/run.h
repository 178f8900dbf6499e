#pragma once
// A whole run in the order it reads: data, model, method, training, evaluation, export.
#include <string>

#include "store/store.h"

namespace luthier {

/// Executes a queued or interrupted run of the store in this process, holding its lock. Events, metrics, status,
/// summary and artefacts go to the store; errors too, and are then thrown. conflict when another process has the lock.
void execute_run(Store& store, const std::string& id);

}  // namespace luthier
