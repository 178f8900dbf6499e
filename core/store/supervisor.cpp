#include "store/supervisor.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/error.h"
#include "store/process.h"
#include "store/reserve.h"

namespace luthier {

namespace {
constexpr std::streamoff kTailBytes = 16 << 10;

void end_run(Store& store, const std::string& run, RunStatus status, const Error& error, const ProcessEnd& end) {
  EventRow event;
  event.kind = "error";
  event.message = error.message;
  event.detail_json = Json{{"kind", to_string(error.kind)}, {"message", error.message},
                           {"where", error.where},          {"hint", error.hint},
                           {"exit_code", end.exit_code},    {"signal", end.signal},
                           {"log", log_tail(store, run)}}
                          .dump(-1, ' ', false, Json::error_handler_t::replace);
  event.step = store.run(run).step;
  store.set_status(run, status, error.message, error.hint);
  store.append(run, {}, {event});
}

/// True when the run may begin; false when it was told to stop before.
bool wait_for_turn(Store& store, const std::string& run, const SupervisorOptions& options) {
  const double pause = store.on_network_disk() ? std::max(1.0, options.poll_seconds) : options.poll_seconds;
  while (true) {
    bool stop = options.stop_asked && *options.stop_asked;
    for (const CommandRow& command : store.take_commands(run)) stop = stop || command.kind == "stop";
    if (stop) {
      store.set_status(run, RunStatus::stopped, "stopped while it waited for its turn",
                       "luthier-cli train --resume " + run + " puts it into the queue again");
      return false;
    }
    store.mark_interrupted();  // a dead run must not keep the others waiting
    if (store.try_start(run)) return true;
    if (store.run(run).status != RunStatus::queued)
      fail(ErrorKind::conflict, "the run left the queue while it waited", run, "luthier-cli runs show " + run);
    std::this_thread::sleep_for(std::chrono::duration<double>(pause));
  }
}

ProcessEnd wait_for_end(Store& store, const std::string& run, Process& trainer, const SupervisorOptions& options) {
  bool told = false;
  while (true) {
    if (const auto end = trainer.wait(options.stop_asked ? 0.5 : -1)) return *end;
    if (options.stop_asked && *options.stop_asked && !told) {
      store.send_command(run, "stop", Json::object());
      told = true;
    }
  }
}

/// What to record of a trainer that ended without saying how.
Error reason_of(const ProcessEnd& end, bool out_of_memory, const std::string& run, const std::string& log) {
  const std::string resume = "luthier-cli train --resume " + run + " continues from the last checkpoint";
  if (out_of_memory)
    return {ErrorKind::out_of_memory, "the system killed the trainer for want of memory", log,
            "lower training.batch_size or data.max_tokens, or close other programs; then " + resume};
  if (end.signal != 0) return {ErrorKind::internal, "the trainer was " + describe_end(end), log, resume};
  return {ErrorKind::internal, "the trainer " + describe_end(end) + " without saying how the run went", log,
          "read the log, then: " + resume};
}
}  // namespace

RunStatus supervise(Store& store, const std::string& run, const SupervisorOptions& options) {
  const RunRow row = store.run(run);
  const std::string& id = row.id;
  if (row.status != RunStatus::queued)
    fail(ErrorKind::conflict, "the run is " + to_string(row.status) + ", not queued", id,
         is_final(row.status) ? "luthier-cli train --resume " + id : "luthier-cli runs show " + id);
  const FileLock watching = store.take_supervisor_lock(id);
  if (!wait_for_turn(store, id, options)) return RunStatus::stopped;

  const fs::path log = store.run_folder(id) / "log.txt";
  const std::uint64_t kills = options.out_of_memory_kills ? options.out_of_memory_kills() : 0;
  std::optional<Process> trainer;
  try {
    trainer = Process::start(options.trainer, options.trainer_words, log);
  } catch (const Error& error) {
    end_run(store, id, RunStatus::failed, error, {});
    return RunStatus::failed;
  }
  const ProcessEnd end = wait_for_end(store, id, *trainer, options);

  give_back_reserve(store.run_folder(id));  // a trainer that died could not
  RunRow after = store.run(id);
  after.exit_code = end.exit_code;
  after.signal = end.signal;
  store.update_run(after);
  if (is_final(after.status)) return after.status;
  const bool out_of_memory = end.signal == 9 && options.out_of_memory_kills && options.out_of_memory_kills() > kills;
  end_run(store, id, RunStatus::interrupted, reason_of(end, out_of_memory, id, log.string()), end);
  return RunStatus::interrupted;
}

std::string log_tail(const Store& store, const std::string& run, int lines) {
  std::ifstream file(store.run_folder(run) / "log.txt", std::ios::binary | std::ios::ate);
  if (!file) return {};
  const std::streamoff size = file.tellg();
  file.seekg(std::max<std::streamoff>(0, size - kTailBytes));
  std::string text((std::istreambuf_iterator<char>(file)), {});
  std::size_t begin = text.size();
  if (begin > 0 && text.back() == '\n') --begin;
  for (int line = 0; line < lines; ++line) {
    if (begin == 0) return text;
    const auto before = text.rfind('\n', begin - 1);
    if (before == std::string::npos) return text;
    begin = before;
  }
  return text.substr(begin + 1);
}

}  // namespace luthier
