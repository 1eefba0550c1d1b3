@echo off
rem Prints which versions of each API the brokers serve.
call "%~dp0lib\ready.bat"
if errorlevel 1 exit /b 1
node "%~dp0..\..\dist\cli\kafka-broker-api-versions.js" %*
exit /b %errorlevel%
