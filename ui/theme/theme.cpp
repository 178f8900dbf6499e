#include "theme/theme.h"

#include <QApplication>
#include <QFile>
#include <QFontDatabase>
#include <QJsonDocument>
#include <QJsonObject>
#include <QPalette>
#include <QStyleFactory>
#include <QStyleHints>
#if QT_VERSION >= QT_VERSION_CHECK(6, 10, 0)
#include <QAccessibilityHints>
#endif

#include "base/error.h"
#include "theme/style_sheet.h"

namespace luthier {

namespace {
Theme* inForce = nullptr;

struct TokenField {
  const char* name;
  QColor Tokens::* member;
};
#define LUTHIER_TOKEN(name) \
  TokenField { #name, &Tokens::name }
constexpr TokenField kFields[] = {
    LUTHIER_TOKEN(chrome),         LUTHIER_TOKEN(page),         LUTHIER_TOKEN(surface),      LUTHIER_TOKEN(fill),
    LUTHIER_TOKEN(fillStrong),     LUTHIER_TOKEN(line),         LUTHIER_TOKEN(lineStrong),   LUTHIER_TOKEN(textPrimary),
    LUTHIER_TOKEN(textSecondary),  LUTHIER_TOKEN(textTertiary), LUTHIER_TOKEN(textDisabled), LUTHIER_TOKEN(accent),
    LUTHIER_TOKEN(accentHover),    LUTHIER_TOKEN(accentText),   LUTHIER_TOKEN(onAccent),     LUTHIER_TOKEN(accentSoft),
    LUTHIER_TOKEN(accentSoftLine), LUTHIER_TOKEN(good),         LUTHIER_TOKEN(goodSoft),     LUTHIER_TOKEN(warning),
    LUTHIER_TOKEN(warningLine),    LUTHIER_TOKEN(warningSoft),  LUTHIER_TOKEN(error),        LUTHIER_TOKEN(errorSoft),
    LUTHIER_TOKEN(series1),        LUTHIER_TOKEN(series2),      LUTHIER_TOKEN(series3),      LUTHIER_TOKEN(series4),
    LUTHIER_TOKEN(series5),        LUTHIER_TOKEN(series6),      LUTHIER_TOKEN(gridLine),     LUTHIER_TOKEN(scrim),
    LUTHIER_TOKEN(tooltip),        LUTHIER_TOKEN(tooltipText)};
#undef LUTHIER_TOKEN

/// "#rrggbb" or "rgba(r,g,b,.a)".
QColor colourFrom(const QString& text) {
  if (!text.startsWith("rgba(")) return QColor(text);
  const QStringList parts = text.mid(5, text.size() - 6).split(',');
  if (parts.size() != 4) return {};
  return QColor(parts[0].toInt(), parts[1].toInt(), parts[2].toInt(), qRound(parts[3].toDouble() * 255));
}

/// Older versions of Qt do not tell: there the setting of the program is the only one.
bool systemWantsContrast([[maybe_unused]] const QApplication& application) {
#if QT_VERSION >= QT_VERSION_CHECK(6, 10, 0)
  return application.styleHints()->accessibility()->contrastPreference() == Qt::ContrastPreference::HighContrast;
#else
  return false;
#endif
}

Tokens loadTokens(bool dark) {
  QFile file(":/luthier/tokens.json");
  if (!file.open(QIODevice::ReadOnly)) fail(ErrorKind::internal, "the window's colours are not in the program");
  const QJsonObject all = QJsonDocument::fromJson(file.readAll()).object()[dark ? "dark" : "light"].toObject();
  Tokens tokens;
  for (const TokenField& field : kFields) tokens.*field.member = colourFrom(all[field.name].toString());
  return tokens;
}

bool wantsDark(const Theme::Look& look, const QApplication& application) {
  return look.choice == ThemeChoice::dark ||
         (look.choice == ThemeChoice::system && application.styleHints()->colorScheme() == Qt::ColorScheme::Dark);
}

Tokens tokensOf(const Theme::Look& look, bool dark, const QApplication& application) {
  Tokens tokens = loadTokens(dark);
  if (look.highContrast || systemWantsContrast(application)) tokens.lineStrong = tokens.textTertiary;
  return tokens;
}
}  // namespace

QColor Tokens::series(int index) const {
  const QColor all[] = {series1, series2, series3, series4, series5, series6};
  return all[index % 6];
}

Theme::Theme(QApplication& application) : application_(application) {
  inForce = this;
  application.setStyle(QStyleFactory::create("Fusion"));
  connect(application.styleHints(), &QStyleHints::colorSchemeChanged, this, [this] {
    if (look_.choice == ThemeChoice::system) apply();
  });
#if QT_VERSION >= QT_VERSION_CHECK(6, 10, 0)
  connect(application.styleHints()->accessibility(), &QAccessibilityHints::contrastPreferenceChanged, this,
          &Theme::apply);
#endif
  apply();
}

Theme::~Theme() { inForce = nullptr; }

void Theme::setLook(const Look& look) {
  if (look == look_) return;
  const double scaleBefore = look_.textScale;
  look_ = look;
  look_.textScale = std::clamp(look.textScale, 0.9, 1.5);
  // "Light" where the system is light changes nothing to be seen. Every widget of every page would look at the sheet
  // anew, which takes most of a second.
  const bool dark = wantsDark(look_, application_);
  const bool sameColours = styleSheet(tokensOf(look_, dark, application_)) == application_.styleSheet();
  if (look_.textScale == scaleBefore && dark == dark_ && sameColours) return;
  apply();
}

void Theme::apply() {
  dark_ = wantsDark(look_, application_);
  tokens_ = tokensOf(look_, dark_, application_);

  QPalette palette;
  palette.setColor(QPalette::Window, tokens_.page);
  palette.setColor(QPalette::Base, tokens_.surface);
  palette.setColor(QPalette::AlternateBase, tokens_.page);
  palette.setColor(QPalette::Button, tokens_.surface);
  palette.setColor(QPalette::Text, tokens_.textPrimary);
  palette.setColor(QPalette::WindowText, tokens_.textPrimary);
  palette.setColor(QPalette::ButtonText, tokens_.textPrimary);
  palette.setColor(QPalette::PlaceholderText, tokens_.textTertiary);
  palette.setColor(QPalette::Highlight, tokens_.accentSoft);
  palette.setColor(QPalette::HighlightedText, tokens_.textPrimary);
  palette.setColor(QPalette::ToolTipBase, tokens_.tooltip);
  palette.setColor(QPalette::ToolTipText, tokens_.tooltipText);
  palette.setColor(QPalette::Link, tokens_.accentText);
  palette.setColor(QPalette::Disabled, QPalette::Text, tokens_.textDisabled);
  palette.setColor(QPalette::Disabled, QPalette::WindowText, tokens_.textDisabled);
  palette.setColor(QPalette::Disabled, QPalette::ButtonText, tokens_.textDisabled);
  // Qt keeps what a sheet said of widgets that were never shown, also when they are gone, and would look at them again
  // with the next sheet. Without a sheet in between it forgets them.
  application_.setStyleSheet({});
  application_.setPalette(palette);
  application_.setFont(font(TextStyle::body));
  application_.setStyleSheet(styleSheet(tokens_));
  Q_EMIT changed();
}

Theme& theme() {
  if (!inForce) fail(ErrorKind::internal, "a widget was made before the theme");
  return *inForce;
}

const Tokens& tokens() { return theme().tokens(); }

int scaled(int pixels) { return qRound(pixels * theme().look().textScale); }

QFont font(TextStyle style) {
  struct Size {
    int pixels;
    int weight;
    bool mono;
  };
  const Size size = [style]() -> Size {
    switch (style) {
      case TextStyle::display:
        return {22, 600, false};
      case TextStyle::title:
        return {18, 600, false};
      case TextStyle::heading:
        return {15, 600, false};
      case TextStyle::body:
        return {13, 400, false};
      case TextStyle::label:
        return {13, 500, false};
      case TextStyle::small:
        return {12, 400, false};
      case TextStyle::caption:
        return {11, 400, false};
      case TextStyle::table:
        return {13, 400, false};
      case TextStyle::mono:
        return {12, 400, true};
      case TextStyle::monoCaption:
        return {11, 400, true};
    }
    return {13, 400, false};
  }();
  QFont result;
  if (size.mono)
    result.setFamilies({"JetBrains Mono", "DejaVu Sans Mono", "monospace"});
  else
    result.setFamilies({"Inter", "Noto Sans", "DejaVu Sans", "sans-serif"});
  result.setPixelSize(scaled(size.pixels));
  result.setWeight(QFont::Weight(size.weight));
  if (size.mono)
    for (const QFont::Tag feature : {QFont::Tag("liga"), QFont::Tag("calt")}) result.setFeature(feature, 0);
  else
    result.setFeature("tnum", 1);
  return result;
}

}  // namespace luthier
