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
  std::string page(const std::string& query = {}) const {
    return "http://127.0.0.1:" + port_.toStdString() + "/index.html" + query;
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
    const std::string runtime = variable("LUTHIER_ORT_WEB");
    if (runtime.empty() || !fs::exists(runtime)) QSKIP("needs the files of onnxruntime-web (LUTHIER_ORT_WEB)");
    fs::create_directories(bundle_->folder / "vendor");
    for (const char* name : {"ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"})
      fs::copy(fs::path(runtime) / name, bundle_->folder / "vendor" / name);
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
};

QTEST_GUILESS_MAIN(PageLongTest)
#include "page_long_test.moc"
