// The bundle's page in a real browser: it answers what Luthier answers, and says plainly what is missing.
// Needs Chromium ($LUTHIER_CHROMIUM, else `chromium`) and the files of onnxruntime-web (its folder dist in
// $LUTHIER_ORT_WEB).
#include <QRegularExpression>
#include <QUrl>

#include "support/tuned_bundle.h"

using namespace luthier;
using namespace luthier::testing;

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::string chromium() {
  const std::string named = variable("LUTHIER_CHROMIUM");
  for (const std::string& name : {named, std::string("chromium"), std::string("chromium-browser")})
    if (!name.empty() && run_program({name, "--version"}).exit_code == 0) return name;
  return {};
}

/// Serves a folder on a free port for as long as it lives.
class FolderServer {
 public:
  explicit FolderServer(const fs::path& folder) {
    process_.setProcessChannelMode(QProcess::MergedChannels);
    process_.start("python3", {"-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory",
                               QString::fromStdString(folder.string())});
    const QRegularExpression told("port (\\d+)");
    QString said;
    while (port_.isEmpty() && process_.waitForReadyRead(10000)) {
      said += process_.readAll();
      port_ = told.match(said).captured(1);
    }
  }
  ~FolderServer() {
    process_.kill();
    process_.waitForFinished(5000);
  }

  bool is_running() const { return !port_.isEmpty(); }
  std::string page(const std::string& query = {}, const std::string& name = "index.html") const {
    return "http://127.0.0.1:" + port_.toStdString() + "/" + name + query;
  }

 private:
  QProcess process_;
  QString port_;
};

/// The document after the page has done its work.
std::string document_of(const std::string& address, const fs::path& profile) {
  return run_program({chromium(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                      "--user-data-dir=" + profile.string(), "--virtual-time-budget=60000", "--dump-dom", address},
                     {}, 180)
      .out;
}

/// What the page keeps beside what it shows, or null.
Json answer_in(const std::string& document) {
  const QRegularExpressionMatch found =
      QRegularExpression("data-json=\"([^\"]*)\"").match(QString::fromStdString(document));
  if (!found.hasMatch()) return nullptr;
  QString text = found.captured(1);
  text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
  return Json::parse(text.toStdString());
}

/// Answers all of texts.json with the bundle's own modules; the labels lie where answer_in() looks.
constexpr const char* kAllRows = R"(<!doctype html><meta charset="utf-8"><body><script type="module">
import { openBundle } from "./bundle.mjs";
import * as runtime from "./vendor/ort.wasm.min.mjs";
runtime.env.wasm.wasmPaths = new URL("vendor/", location.href).href;
runtime.env.wasm.numThreads = 1;
const readJson = async (name) => (await fetch(name)).json();
const bundle = await openBundle(runtime, readJson, new URL("model.onnx", location.href).href);
const labels = [];
for (const text of await readJson("texts.json")) labels.push((await bundle.answerText(text)).label);
document.body.dataset.json = JSON.stringify(labels);
</script>)";

constexpr double kSameLabels = 0.97;  // of a test part: eight bits may turn a few that lie between two labels

/// The files of onnxruntime-web beside the page; false: they are not at hand.
bool bring_runtime(const fs::path& folder) {
  const std::string runtime = variable("LUTHIER_ORT_WEB");
  if (runtime.empty() || !fs::exists(runtime)) return false;
  fs::create_directories(folder / "vendor");
  for (const char* name : {"ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"})
    fs::copy(fs::path(runtime) / name, folder / "vendor" / name);
  return true;
}

}  // namespace

class PageLongTest : public QObject {
  Q_OBJECT
  std::unique_ptr<TunedBundle> bundle_;
  TemporaryFolder profiles_;

 private Q_SLOTS:
  void initTestCase() {
    if (chromium().empty()) QSKIP("needs Chromium (its program in LUTHIER_CHROMIUM)");
    if (!has_python("http.server")) QSKIP("needs Python, which serves the folder");
    bundle_ = std::make_unique<TunedBundle>(5);
    QVERIFY2(bundle_->problem.empty(), bundle_->problem.c_str());
  }

  void aMissingRuntimeIsSaidPlainly() {
    const FolderServer server(bundle_->folder);
    QVERIFY(server.is_running());
    const std::string document = document_of(server.page(), profiles_.path() / "missing");
    QVERIFY2(document.find("ONNX Runtime is missing in the folder vendor") != std::string::npos, document.c_str());
    QVERIFY(document.find("npm run vendor") != std::string::npos);
  }

  void theBrowserAnswersWhatLuthierAnswers() {
    if (!bring_runtime(bundle_->folder)) QSKIP("needs the files of onnxruntime-web (LUTHIER_ORT_WEB)");
    const FolderServer server(bundle_->folder);
    QVERIFY(server.is_running());
    for (std::size_t row = 0; row < bundle_->texts.size(); ++row) {
      const QByteArray text = QUrl::toPercentEncoding(QString::fromStdString(bundle_->texts[row]));
      const std::string document = document_of(server.page("?text=" + text.toStdString()), profiles_.path() / "text");
      const Json answer = answer_in(document);
      QVERIFY2(!answer.is_null(), document.c_str());
      const std::string difference = bundle_->difference(row, answer);
      QVERIFY2(difference.empty(), difference.c_str());
    }
  }

  void eightBitsGiveTheSameLabelsButForAFew() {
    const TunedBundle bundle(10000, "int8");
    QVERIFY2(bundle.problem.empty(), bundle.problem.c_str());
    if (!bring_runtime(bundle.folder)) QSKIP("needs the files of onnxruntime-web (LUTHIER_ORT_WEB)");
    write_text(bundle.folder / "texts.json", Json(bundle.texts).dump());
    write_text(bundle.folder / "all.html", kAllRows);
    const FolderServer server(bundle.folder);
    QVERIFY(server.is_running());
    const std::string document = document_of(server.page("", "all.html"), profiles_.path() / "all");
    const Json labels = answer_in(document);
    QVERIFY2(labels.is_array() && labels.size() == bundle.texts.size(), document.c_str());
    std::size_t same = 0;
    for (std::size_t row = 0; row < labels.size(); ++row) same += labels[row] == bundle.answers[row].at("label");
    qInfo("the same label in %zu of %zu rows", same, labels.size());
    QVERIFY(labels.size() >= 400);
    QVERIFY(double(same) >= kSameLabels * double(labels.size()));
  }
};

QTEST_GUILESS_MAIN(PageLongTest)
#include "page_long_test.moc"
