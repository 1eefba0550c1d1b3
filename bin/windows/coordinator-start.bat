@echo off
rem Starts the coordinator service: coordinator-start.bat FILE [--override key=value]...
call "%~dp0lib\ready.bat"
if errorlevel 1 exit /b 1
node "%~dp0..\..\dist\coordinator\main.js" %*
exit /b %errorlevel%
