#include "cli/lab/start.h"

#include <c10/util/Exception.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <algorithm>
#include <climits>
#include <iostream>
#include <new>

#include "base/error.h"
#include "base/options.h"
#include "cli/report.h"

namespace luthier {

namespace {

/// Both together keep a training step's buffers in the heap instead of returning them to the system each time: the same
/// numbers, about a quarter less time. Either alone is no gain.
void set_up_allocator() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, INT_MAX);
#endif
}

Error out_of_memory() {
  return Error(ErrorKind::out_of_memory, "there is not enough memory for this", {},
               "use smaller batches or shorter inputs, or a smaller model");
}

/// LibTorch reports a failed allocation on the CPU as an ordinary error.
Error translated(const c10::Error& error) {
  const std::string text = error.what_without_backtrace();
  if (text.find("allocate memory") != std::string::npos || text.find("out of memory") != std::string::npos)
    return out_of_memory();
  if (dynamic_cast<const c10::IndexError*>(&error))
    return Error(ErrorKind::bad_input, "an id lies outside its table: " + text, {},
                 "make the inputs with this model's own tokenizer");
  return Error(ErrorKind::internal, "LibTorch refused an operation: " + text);
}

int dispatch(const std::vector<std::string>& words, std::span<const EngineCommand> commands) {
  const std::string name = words.empty() ? "" : words[0];
  std::vector<std::string> known;
  for (const EngineCommand& command : commands) {
    if (name == command.name) return command.run({words.begin() + 1, words.end()});
    known.push_back(command.name);
  }
  const std::string meant = closest(name, known);
  fail(ErrorKind::bad_input, "there is no command \"" + name + "\"", {},
       meant.empty() ? "known are: " + known.front() : "did you mean " + meant + "?");
}

}  // namespace

int run_engine_command(const std::vector<std::string>& words, std::span<const EngineCommand> commands) {
  set_up_allocator();
  const auto end = std::find(words.begin(), words.end(), "--");
  const bool json = std::find(words.begin(), end, "--json") != end;
  try {
    return dispatch(words, commands);
  } catch (const Error& error) {
    return report(error, json);
  } catch (const c10::Error& error) {
    return report(translated(error), json);
  } catch (const std::bad_alloc&) {
    return report(out_of_memory(), json);
  } catch (const std::exception& error) {
    return report(Error(ErrorKind::internal, error.what()), json);
  }
}

}  // namespace luthier
