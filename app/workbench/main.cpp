// luthier: the window.
//
//   luthier [PATH]         opens a project folder, a recipe or a data file
//   luthier --tour DIR     goes through the whole first path by real clicks; a numbered screenshot a step in DIR
#include <QApplication>
#include <QLibraryInfo>
#include <QLocale>
#include <QTranslator>
#include <cstdio>

#include "base/error.h"
#include "base/files.h"
#include "base/version.h"
#include "shell/main_window.h"
#include "workbench/tour.h"

namespace {
void installTranslations(QApplication& application, const std::string& chosen) {
  const QLocale locale = chosen == "system" ? QLocale::system() : QLocale(QString::fromStdString(chosen));
  auto* own = new QTranslator(&application);
  // English has a translation of its own, for the plurals; other languages fall back to it.
  if (own->load(locale, "luthier", "_", ":/luthier/i18n") || own->load("luthier_en", ":/luthier/i18n"))
    application.installTranslator(own);
  auto* qt = new QTranslator(&application);
  if (qt->load(locale, "qtbase", "_", QLibraryInfo::path(QLibraryInfo::TranslationsPath)))
    application.installTranslator(qt);
}
}  // namespace

int main(int argc, char** argv) {
  QApplication::setHighDpiScaleFactorRoundingPolicy(Qt::HighDpiScaleFactorRoundingPolicy::PassThrough);
  QApplication application(argc, argv);
  QApplication::setApplicationName("luthier");
  QApplication::setApplicationDisplayName("Luthier");
  QApplication::setApplicationVersion(luthier::kVersion);
  const QStringList words = application.arguments().mid(1);
  if (words.contains("--help")) {
    std::puts("usage: luthier [PATH]\n       luthier --tour DIR");
    return 0;
  }
  try {
    const std::filesystem::path home = luthier::luthier_home();
    installTranslations(application, luthier::Settings(home).options().language);
    luthier::Theme theme(application);
    luthier::MainWindow window(home);
    window.show();
    if (words.value(0) == "--tour") {
      luthier::Tour tour(window, words.value(1));
      tour.start();
      return application.exec();
    }
    if (!words.isEmpty()) window.openPath(words[0]);
    return application.exec();
  } catch (const luthier::Error& error) {
    std::fprintf(stderr, "luthier: %s\n", error.text().c_str());
    return 1;
  }
}
