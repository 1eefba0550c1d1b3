@echo off
rem Makes sure that Node.js is there and that a clone is built, before a command starts.
where node >nul 2>nul
if errorlevel 1 (
  echo Node.js 20 or newer is needed, and there is no node on PATH. 1>&2
  exit /b 127
)
if exist "%~dp0..\..\..\dist\.tsbuildinfo" exit /b 0
if not exist "%~dp0..\..\..\tsconfig.json" exit /b 0
node "%~dp0..\..\..\scripts\prepare.mjs" --if-missing
exit /b %errorlevel%
