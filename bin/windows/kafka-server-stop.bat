@echo off
rem Stops the brokers of this machine.
call "%~dp0lib\ready.bat"
if errorlevel 1 exit /b 1
node "%~dp0..\..\dist\supervisor\stop-main.js" broker %*
exit /b %errorlevel%
