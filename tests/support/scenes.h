#pragma once
// The window in every state that it has pictures of: pages empty and filled, runs that go on, wait, failed or ended,
// dialogs, answers of models. Runs are played (played_runs.h), commands answered by a script, models by a server in the
// test, so that each state is there in a second and the same each time.
#include <QLineEdit>
#include <QListView>
#include <QPlainTextEdit>
#include <QTableView>
#include <QTcpServer>
#include <QTcpSocket>
#include <functional>
#include <memory>

#include "pages/data/data_page.h"
#include "pages/data/data_table.h"
#include "pages/runs/run_model.h"
#include "shell/main_window.h"
#include "support/played_runs.h"
#include "support/testing.h"
#include "support/window.h"

namespace luthier::testing {

/// Answers as luthier-cli serve does, whatever was asked.
class PlayedServer : public QTcpServer {
 public:
  PlayedServer() {
    listen(QHostAddress::LocalHost);
    connect(this, &QTcpServer::newConnection, this, [this] {
      while (QTcpSocket* socket = nextPendingConnection())
        connect(socket, &QTcpSocket::readyRead, this, [this, socket] { take(*socket); });
    });
  }

 private:
  void take(QTcpSocket& socket) {
    QByteArray& text = asked_[&socket];
    text += socket.readAll();
    const qsizetype body = text.indexOf("\r\n\r\n");
    if (body < 0) return;
    const Json json = Json::parse(text.mid(body + 4).toStdString(), nullptr, false);
    if (json.is_discarded()) return;
    const bool base = json.value("model", std::string()) == "base", completes = text.startsWith("POST /v1/completions");
    asked_.remove(&socket);
    const QByteArray reply = completes ? completion(base) : classification(base);
    socket.write(QByteArray("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: ") +
                 (completes ? "text/event-stream" : "application/json") +
                 "\r\nContent-Length: " + QByteArray::number(reply.size()) + "\r\n\r\n" + reply);
    socket.disconnectFromHost();
  }
  static QByteArray classification(bool base) {
    const std::vector<std::pair<const char*, double>> all =
        base ? std::vector<std::pair<const char*, double>>{{"science", 0.171},   {"games", 0.148},
                                                           {"documents", 0.137}, {"pictures", 0.126},
                                                           {"system", 0.119},    {"internet", 0.111},
                                                           {"music", 0.098},     {"programming", 0.09}}
             : std::vector<std::pair<const char*, double>>{
                   {"music", 0.914},     {"system", 0.031},  {"games", 0.017},    {"pictures", 0.013},
                   {"documents", 0.009}, {"science", 0.007}, {"internet", 0.005}, {"programming", 0.004}};
    Json probabilities = Json::array();
    for (const auto& [label, probability] : all)
      probabilities.push_back({{"label", label}, {"probability", probability}});
    return QByteArray::fromStdString(
        Json{{"label", all[0].first}, {"probabilities", probabilities}, {"tokens", 14}, {"milliseconds", 2.4}}.dump());
  }
  static QByteArray completion(bool base) {
    QByteArray all;
    const QStringList words = QString(base ? "What is a lake? What is a lake? What is a lake? What"
                                           : "A lake is a large body of water with land all around it.")
                                  .split(' ');
    for (qsizetype i = 0; i < words.size(); ++i) {
      Json choice = {{"text", words[i].toStdString() + " "}};
      if (i + 1 == words.size()) choice["finish_reason"] = base ? "length" : "stop";
      all += "data: " + QByteArray::fromStdString(Json{{"choices", {choice}}}.dump()) + "\n\n";
    }
    return all + "data: [DONE]\n\n";
  }
  QHash<QTcpSocket*, QByteArray> asked_;
};

/// A window over a store of its own, and what a scene needs to bring it into its state.
class Stage {
 public:
  Stage() { home = fixture.home; }
  ~Stage() {
    window.reset();
    qunsetenv("LUTHIER_CLI");
  }

  void open() {
    window = std::make_unique<MainWindow>(home);
    window->resize(1440, 900);
    window->show();
    if (!QTest::qWaitForWindowExposed(window.get())) qWarning("the window was not shown");
  }
  /// Opens a copy of a starter; `changes` as --set takes them.
  fs::path copyStarter(const char* name) const {
    const fs::path copy = fs::path(fixture.folder.path().toStdString()) / "projects" / name;
    fs::create_directories(copy.parent_path());
    if (!fs::exists(copy)) fs::copy(source_folder() / "resources/starters" / name, copy, fs::copy_options::recursive);
    return copy;
  }
  void openStarter(const char* name, const QStringList& changes = {}) {
    const fs::path copy = copyStarter(name);
    window->openPath(QString::fromStdString(copy.string()));
    if (!changes.isEmpty()) document().apply(changes, "Scene");
    settled();
  }
  /// A project around one file of text.
  void openData(const char* name, const std::string& content) {
    const fs::path file = fs::path(fixture.folder.path().toStdString()) / name;
    write_text(file, content);
    window->openPath(QString::fromStdString(file.string()));
  }
  /// Home, with the starters read.
  void goHome() {
    window->goTo(Step::home);
    wait([&] { return window->findChild<QWidget*>("starter.text.open"); });
  }
  /// The page Data has its first rows.
  void rowsShown() {
    auto* table = at<DataTable>("dataTable");
    wait([&] { return table->isVisible() && !table->cellText(0, 0).isEmpty(); });
  }
  void settled() {
    ProjectFacts& facts = window->workbench().facts;
    wait([&] { return facts.data() && facts.model() && facts.estimate() && !facts.dataLoading(); });
  }
  bool wait(const std::function<bool()>& until, int milliseconds = 30000) {
    return QTest::qWaitFor(until, milliseconds);
  }
  Document& document() { return window->workbench().document; }

  /// A run of the open project.
  std::string play(PlayedRun run) {
    run.name = document().name().toStdString();
    run.recipe = recipe_to_json(document().lenient());
    Store store(home);
    const std::string id = play_run(store, run);
    if (!is_final(run.status) && run.status != RunStatus::queued)
      locks.push_back(std::make_unique<FileLock>(store.take_lock(id)));
    if (run.status == RunStatus::queued) locks.push_back(std::make_unique<FileLock>(store.take_supervisor_lock(id)));
    window->workbench().runs.poll();
    return id;
  }
  template <class Widget = QWidget>
  Widget* at(const char* name) {
    return child<Widget>(*window, name);
  }
  void click(const char* name) {
    wait([&] { return at(name) && at(name)->isVisible() && at(name)->isEnabled(); }, 5000);
    if (QWidget* widget = at(name)) QTest::mouseClick(widget, Qt::LeftButton);
  }
  /// Instead of luthier-cli: prints these lines and stays.
  void answerCommands(const QByteArray& lines) { answerWith("printf '%s\\n' '" + lines + "'\nexec cat >/dev/null\n"); }
  /// Instead of luthier-cli: this script.
  void answerWith(const QByteArray& commands) {
    const QString script = fixture.folder.filePath("luthier-cli");
    QFile file(script);
    if (!file.open(QIODevice::WriteOnly | QIODevice::Truncate)) return;
    file.write("#!/bin/sh\n" + commands);
    file.close();
    file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    qputenv("LUTHIER_CLI", script.toUtf8());
  }
  void serve(const char* kind) {
    answerCommands(QByteArray::fromStdString(Json{
        {"url", "http://127.0.0.1:" + std::to_string(server.serverPort())},
        {"kind", kind},
        {"models", {"base", "tuned"}}}.dump()));
  }

  WindowFixture fixture;
  std::filesystem::path home;
  PlayedServer server;
  std::vector<std::unique_ptr<FileLock>> locks;
  std::unique_ptr<MainWindow> window;
};

}  // namespace luthier::testing
