#pragma once
// A run prepared for training in the test's own process.
#include <string>
#include <vector>

#include "engine/prepare.h"
#include "support/tiny_task.h"
#include "train/trainer.h"

namespace luthier::testing {

/// A run in a store of its own, prepared for training in this process.
struct Session {
  Session(const fs::path& home, const Json& json)
      : store(home),
        id(store.create_run("test", "cpu", json)),
        log(store, id),
        parts(prepare(recipe_from_json(json, "/", "test"), home / "cache", log)) {}

  Trainer trainer() {
    return Trainer({parts.recipe,
                    *parts.model,
                    parts.attached,
                    parts.data,
                    parts.collate,
                    parts.device,
                    parts.precision,
                    store.run_folder(id),
                    log,
                    {},
                    parts.base});
  }
  Store store;
  std::string id;
  RunLog log;
  Prepared parts;
};

inline std::vector<Tensor> weights_of(const Session& session) {
  std::vector<Tensor> copies;
  for (const auto& [name, tensor] : session.parts.attached.trainable) copies.push_back(tensor.detach().clone());
  return copies;
}

inline double last_value(Session& session, const std::string& name) {
  const auto rows = session.store.metrics(session.id, 0, name);
  return rows.empty() ? -1 : rows.back().value;
}

/// Writes the tiny task into `folder`, and as base/ a model with drawn weights.
inline void write_tiny_base(const fs::path& folder) {
  write_tiny_task(folder);
  LoadOptions drawn;
  drawn.from_config = true;
  drawn.labels = {"fruit", "tool"};
  fs::create_directories(folder / "base");
  save_model(*load_model(folder / "model", drawn), folder / "base");
  fs::copy(folder / "model/vocab.txt", folder / "base/vocab.txt");
}

}  // namespace luthier::testing
