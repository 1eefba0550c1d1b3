@echo off
rem Stops the coordinator services of this machine.
call "%~dp0lib\ready.bat"
if errorlevel 1 exit /b 1
node "%~dp0..\..\dist\supervisor\stop-main.js" coordinator %*
exit /b %errorlevel%
