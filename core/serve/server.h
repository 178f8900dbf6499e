#pragma once
// The HTTP API on 127.0.0.1 (docs/api.md): what other programs on this machine ask trained models by.
#include <memory>
#include <string>
#include <vector>

#include "serve/served_model.h"

namespace luthier {

class Server {
 public:
  /// Takes `port` (0: any free one) of the loopback interface; io when it cannot be had. There must be a model.
  /// Connections wait until run().
  Server(std::vector<std::unique_ptr<ServedModel>> models, int port);
  ~Server();

  int port() const;
  std::string url() const;  ///< "http://127.0.0.1:PORT"

  /// Answers until stop(); requests that are under way then end early.
  void run();
  /// From any thread, also before run().
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace luthier
