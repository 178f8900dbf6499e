#pragma once
// A run that stands still: says so in the store and waits to be told to go on.
#include <cstdint>
#include <functional>
#include <string>

#include "base/error.h"
#include "train/run_log.h"

namespace luthier {

/// Returns when the run goes on: after "resume", or as soon as `obey` returns true for another command. A command that
/// finds the disk full is refused by an event; "resume" too, while the run's reserve does not fit. On a disk too full
/// to say anything it waits until it can.
void wait_in_pause(RunLog& log, std::int64_t step, const std::string& reason, const std::string& hint,
                   const std::function<bool(const CommandRow&)>& obey);

/// Pauses because of a full disk (`full` says which), with the reserve given back first.
void wait_for_space(RunLog& log, std::int64_t step, const Error& full,
                    const std::function<bool(const CommandRow&)>& obey);

/// What a "stop" says: true when no checkpoint is to be kept.
bool discards(const CommandRow& stop);

}  // namespace luthier
